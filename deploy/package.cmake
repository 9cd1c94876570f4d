# The installation, and the Debian package.
# Knows: the folders of an installed system. Must not know: how the binary is built.
#   cmake --install build/release --prefix /usr/local      the hub, its unit and its documentation
#   cpack --config build/release/CPackConfig.cmake         hubbub_VERSION_ARCH.deb
include(GNUInstallDirs)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "WebSocket message hub over one durable log")

install(TARGETS hubbub RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT hub)
# An installation does not need npm's files, because the packages are already fetched.
install(DIRECTORY public/ DESTINATION ${CMAKE_INSTALL_DATADIR}/hubbub/public COMPONENT hub
        PATTERN api/.npmrc EXCLUDE PATTERN api/package*.json EXCLUDE
        PATTERN api/packages/package-lock.json EXCLUDE)

# An installed tree may be moved, so the hub finds its files relative to the binary.
foreach(tree IN ITEMS INSTALLED SOURCE)
  set(folder_INSTALLED ${CMAKE_INSTALL_FULL_BINDIR})
  set(files_INSTALLED ${CMAKE_INSTALL_FULL_DATADIR}/hubbub/public)
  set(folder_SOURCE ${PROJECT_BINARY_DIR})
  set(files_SOURCE ${PROJECT_SOURCE_DIR}/public)
  file(RELATIVE_PATH way ${folder_${tree}} ${files_${tree}})
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/net/server/option_checks.cpp
               TARGET_DIRECTORY hubbub_server APPEND PROPERTY
               COMPILE_DEFINITIONS HUBBUB_${tree}_FILES="${way}")
endforeach()

# The unit contains the path of the binary, which `cmake --install --prefix` may change, so it is written at install time.
set(unit_folder lib/systemd/system)
install(CODE "
  set(BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  set(DOCDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")
  set(unit \"\${CMAKE_INSTALL_PREFIX}/${unit_folder}/hubbub.service\")
  message(STATUS \"Installing: \$ENV{DESTDIR}\${unit}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/deploy/hubbub.service\" \"\$ENV{DESTDIR}\${unit}\" @ONLY
                 FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${unit}\")" COMPONENT service)

install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT doc)
# Each README.md is installed where the links of the one at the top lead.
foreach(folder actors deploy net public/client storage tests)
  install(FILES ${folder}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder} COMPONENT doc)
endforeach()
install(FILES deploy/Caddyfile deploy/alerts.yml deploy/balancer.Dockerfile deploy/compose.ha.yaml deploy/compose.yaml
              deploy/database.sql deploy/grafana.json deploy/haproxy.cfg deploy/hubbub.env deploy/nginx.conf
              deploy/patroni.Dockerfile deploy/patroni.yaml deploy/tls.conf
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT doc)

# The manual page is made of the output of --help, so it is always up to date.
find_program(HELP2MAN help2man)
if(HELP2MAN)
  install(CODE "
    set(manual \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man8/hubbub.8\")
    message(STATUS \"Installing: \$ENV{DESTDIR}\${manual}\")
    get_filename_component(folder \"\$ENV{DESTDIR}\${manual}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND env --ignore-environment \"PATH=\$ENV{PATH}\" ${HELP2MAN} --section 8 --no-info
                            --name \"${CPACK_PACKAGE_DESCRIPTION_SUMMARY}\"
                            --output \"\$ENV{DESTDIR}\${manual}\" $<TARGET_FILE:hubbub>
                    COMMAND_ERROR_IS_FATAL ANY)
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${manual}\")" COMPONENT doc)
else()
  message(STATUS "No help2man: an install has no manual page")
endif()

# The bill of materials needs the build folder, dpkg and Ninja.
find_program(DPKG_QUERY dpkg-query)
if(DPKG_QUERY AND CMAKE_GENERATOR STREQUAL Ninja)
  install(CODE "
    set(bill \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/hubbub/sbom.cdx.json\")
    message(STATUS \"Installing: \$ENV{DESTDIR}\${bill}\")
    execute_process(COMMAND \${CMAKE_COMMAND} -D BINARY=$<TARGET_FILE:hubbub> -D BUILD=${PROJECT_BINARY_DIR}
                            -D NINJA=${CMAKE_MAKE_PROGRAM} -D NAME=hubbub -D VERSION=${PROJECT_VERSION}
                            -D PAGES=${PROJECT_SOURCE_DIR}/public/api/packages
                            -D \"OUT=\$ENV{DESTDIR}\${bill}\" -P ${PROJECT_SOURCE_DIR}/deploy/sbom.cmake
                    COMMAND_ERROR_IS_FATAL ANY)
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${bill}\")" COMPONENT hub)
endif()

# -- the Debian package ------------------------------------------------------------------------------

# Only the package installs the settings, because dpkg keeps what an operator changes in them.
install(FILES deploy/hubbub.env DESTINATION /etc/hubbub COMPONENT debian EXCLUDE_FROM_ALL
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "hubbub's makers <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION "Stores each message first, in PostgreSQL or SQLite, and shows it to
everyone in a room only then. A client that was away gets all that it missed.")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};hubbub;ALL;/"
                                 "${PROJECT_BINARY_DIR};hubbub;debian;/")
set(CPACK_SET_DESTDIR ON) # so that the unit is written with the real prefix
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql (>= 14), nginx | caddy")
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
