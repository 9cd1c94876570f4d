# Adds the guards of compiler and linker to every optimised build, so that most errors that an attacker could exploit end the
# process instead. Knows: the guards. Must not know: what is compiled.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)

# Debian builds with the type None and sets -O2 in CXXFLAGS, so a test program finds out whether the build is optimised.
set(CMAKE_TRY_COMPILE_CONFIGURATION ${CMAKE_BUILD_TYPE})
check_cxx_source_compiles("
  #ifndef __OPTIMIZE__
  #error
  #endif
  int main() {}" HUBBUB_OPTIMISED_${CMAKE_BUILD_TYPE})
if(NOT HUBBUB_OPTIMISED_${CMAKE_BUILD_TYPE})
  return()
endif()

target_compile_options(hubbub_flags INTERFACE
  -fPIE -fstack-protector-strong -fstack-clash-protection
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
  -D_GLIBCXX_ASSERTIONS)
target_link_options(hubbub_flags INTERFACE -pie LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)

# The flag that restricts the targets of indirect jumps depends on the architecture.
foreach(flag IN ITEMS -fcf-protection=full -mbranch-protection=standard)
  check_cxx_compiler_flag(${flag} HAS${flag})
  if(HAS${flag})
    target_compile_options(hubbub_flags INTERFACE ${flag})
  endif()
endforeach()
