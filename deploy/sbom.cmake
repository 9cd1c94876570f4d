# Writes a CycloneDX 1.5 bill of materials of the hub: the Debian packages of the libraries that the binary loads and of the
# headers that it was compiled with, and the npm packages of the pages about the API. Run at install time:
#   cmake -D BINARY=… -D BUILD=… -D NINJA=… -D NAME=… -D VERSION=… -D PAGES=…/api/packages -D OUT=… -P deploy/sbom.cmake
# Knows: how to query the build, dpkg and npm's lock file. Must not know: a dependency by name. The same build on the same
# machine gives the same bytes. The bill has a time only if SOURCE_DATE_EPOCH is set.
cmake_policy(VERSION 3.25)

# -- the files that were linked and compiled --------------------------------------------------------

# ask(OUT COMMAND…): the lines that the command prints. Errors are dropped, because dpkg-query prints one for every path that
# no package owns.
function(ask out)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${ARGN} OUTPUT_VARIABLE said ERROR_QUIET)
  string(STRIP "${said}" said)
  string(REGEX REPLACE "\n+" ";" said "${said}")
  set(${out} "${said}" PARENT_SCOPE)
endfunction()

# owners(OUT FILE…): the packages that the files belong to. With a merged /usr a file has two paths, so both are looked up.
function(owners out)
  set(found)
  list(TRANSFORM ARGN REPLACE "^(/usr)?/" "/usr/" OUTPUT_VARIABLE merged)
  list(TRANSFORM ARGN REPLACE "^(/usr)?/" "/" OUTPUT_VARIABLE split)
  list(APPEND merged ${split})
  list(REMOVE_DUPLICATES merged)
  ask(lines dpkg-query --search ${merged})
  foreach(line IN LISTS lines)
    if(line MATCHES "^([a-z0-9+.-]+)(:[a-z0-9]+)?: /")
      list(APPEND found ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES found)
  list(SORT found)
  set(${out} ${found} PARENT_SCOPE)
endfunction()

file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${BINARY} RESOLVED_DEPENDENCIES_VAR libraries)
file(REAL_PATH ${BINARY} BINARY)
set(files)
foreach(library IN LISTS libraries)
  file(REAL_PATH ${library} library)
  list(APPEND files ${library})
endforeach()
owners(linked ${files})

# The object files of the hub, and the headers that they were compiled with.
ask(objects ${NINJA} -C ${BUILD} -t inputs ${NAME})
list(FILTER objects INCLUDE REGEX "\\.o$")
ask(headers ${NINJA} -C ${BUILD} -t deps ${objects})
list(FILTER headers INCLUDE REGEX "^ +/usr/")
list(TRANSFORM headers STRIP)
list(REMOVE_DUPLICATES headers)
owners(compiled ${headers})

# -- the format -------------------------------------------------------------------------------------

# text(OUT TEXT): the text as a JSON string.
function(text out text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REGEX REPLACE "[ \t\r\n]+" " " text "${text}")
  set(${out} "\"${text}\"" PARENT_SCOPE)
endfunction()

# escaped(OUT TEXT): the text with the characters escaped that occur in names and versions and must be escaped in a package
# URL: the colon of an epoch, the plus of a rebuild, the at sign of a scope.
function(escaped out text)
  string(REPLACE "+" "%2B" text "${text}")
  string(REPLACE ":" "%3A" text "${text}")
  string(REPLACE "@" "%40" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

set(components)
set(references)

# component(PURL NAME VERSION LICENCES PROPERTY): adds a component. The last two are JSON, and may be empty.
function(component purl name version licences more)
  text(reference "${purl}")
  text(name "${name}")
  text(version "${version}")
  if(licences)
    set(licences ",\n      \"licenses\": [${licences}]")
  endif()
  if(more)
    set(more ",\n      ${more}")
  endif()
  list(APPEND components "    {
      \"type\": \"library\",
      \"bom-ref\": ${reference},
      \"name\": ${name},
      \"version\": ${version}${licences},
      \"purl\": ${reference}${more}
    }")
  list(APPEND references "        ${reference}")
  set(components "${components}" PARENT_SCOPE)
  set(references "${references}" PARENT_SCOPE)
endfunction()

# licence(OUT PACKAGE): the licence that the copyright file of the package gives for "Files: *", if it is machine-readable.
function(licence out package)
  set(${out} "" PARENT_SCOPE)
  if(EXISTS /usr/share/doc/${package}/copyright)
    file(READ /usr/share/doc/${package}/copyright paper)
    if(paper MATCHES "\nFiles:[ \n]*\\*[^\n]*\n([^\n]+\n)*License: *([^\n]+)\n")
      text(name "${CMAKE_MATCH_2}")
      set(${out} "{\"license\": {\"name\": ${name}}}" PARENT_SCOPE)
    endif()
  endif()
endfunction()

# -- Debian's packages ------------------------------------------------------------------------------

cmake_host_system_information(RESULT distribution QUERY DISTRIB_ID)
cmake_host_system_information(RESULT release QUERY DISTRIB_VERSION_ID)
set(format "\${source:Package} \${Package} \${Version} \${source:Version} \${Architecture}\n")
set(sources)
foreach(part IN ITEMS linked compiled)
  ask(lines dpkg-query -Wf "${format}" ${${part}})
  list(SORT lines)
  set(told ${sources})
  foreach(line IN LISTS lines)
    string(REPLACE " " ";" line "${line}")
    list(GET line 0 source)
    list(GET line 1 package)
    list(GET line 2 version)
    list(GET line 3 source_version)
    list(GET line 4 architecture)
    # The headers of a library that is already listed are no further component.
    if(source IN_LIST told)
      continue()
    endif()
    list(APPEND sources ${source})
    escaped(package_part ${package})
    escaped(version_part ${version})
    escaped(upstream "${source}@${source_version}")
    licence(licences ${package})
    component("pkg:deb/${distribution}/${package_part}@${version_part}?arch=${architecture}&distro=${distribution}-${release}&upstream=${upstream}"
              ${package} ${version} "${licences}"
              "\"properties\": [{\"name\": \"${NAME}:how\", \"value\": \"${part}\"}]")
  endforeach()
endforeach()

# -- npm's packages ---------------------------------------------------------------------------------

# Without the fetched packages there is nothing to list. The dependencies of the three packages are in their bundles.
if(EXISTS ${PAGES}/package-lock.json)
  file(READ ${PAGES}/package-lock.json lock)
  string(JSON lock GET "${lock}" packages)
  string(JSON count LENGTH "${lock}")
  math(EXPR last "${count} - 1")
  foreach(i RANGE 1 ${last}) # entry 0 is the project of the lock file itself
    string(JSON path MEMBER "${lock}" ${i})
    string(JSON entry GET "${lock}" ${path})
    string(REGEX REPLACE "^.*node_modules/" "" name "${path}")
    string(JSON version GET "${entry}" version)
    string(JSON licences ERROR_VARIABLE none GET "${entry}" license)
    if(none)
      set(licences)
    else()
      text(licences "${licences}")
      set(licences "{\"license\": {\"name\": ${licences}}}")
    endif()
    escaped(name_part "${name}")
    component("pkg:npm/${name_part}@${version}" "${name}" ${version} "${licences}"
              "\"properties\": [{\"name\": \"${NAME}:how\", \"value\": \"served\"}]")
  endforeach()
endif()

# -- the output -------------------------------------------------------------------------------------

set(when)
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  string(TIMESTAMP when UTC)
  set(when "\n    \"timestamp\": \"${when}\",")
endif()
list(JOIN components ",\n" components)
list(JOIN references ",\n" references)
file(WRITE ${OUT} "{
  \"bomFormat\": \"CycloneDX\",
  \"specVersion\": \"1.5\",
  \"version\": 1,
  \"metadata\": {${when}
    \"component\": {
      \"type\": \"application\",
      \"bom-ref\": \"${NAME}\",
      \"name\": \"${NAME}\",
      \"version\": \"${VERSION}\",
      \"licenses\": [{\"license\": {\"id\": \"MIT\"}}]
    }
  },
  \"components\": [
${components}
  ],
  \"dependencies\": [
    {
      \"ref\": \"${NAME}\",
      \"dependsOn\": [
${references}
      ]
    }
  ]
}
")
