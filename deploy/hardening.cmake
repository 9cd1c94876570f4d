# What a release does against its own mistakes: most of what they could be used for ends the process instead.
# Knows: the compiler's and the linker's guards. Must not know: what is compiled.
include(CheckCXXCompilerFlag)

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
