# The guards of an optimised build, of whatever type: most mistakes that an attacker could use end the process instead.
# Knows: the compiler's and the linker's guards. Must not know: what is compiled.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)

# Debian builds with the type None and gives -O2 by CXXFLAGS, so the compiler itself is asked.
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

# Each machine has its own name for marking where a jump may end.
foreach(flag IN ITEMS -fcf-protection=full -mbranch-protection=standard)
  check_cxx_compiler_flag(${flag} HAS${flag})
  if(HAS${flag})
    target_compile_options(hubbub_flags INTERFACE ${flag})
  endif()
endforeach()
