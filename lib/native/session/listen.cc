// TensorFlow's server listens on every address of its machine, whatever its cluster says, and asks nobody for a password.
// It has no option for that, so its calls of bind() are led through here.
//
//   listenOn(address)   what TensorFlow binds to every address is bound to this one from now on, IPv4 or IPv6

#include <arpa/inet.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>

#include "napi_values.h"

namespace {

// Kept for good: a thread of TensorFlow's may be reading an earlier one.
std::atomic<const in6_addr*> wanted{nullptr};

int BindThere(int socket, const sockaddr* address, socklen_t length) {
  const in6_addr* there = wanted.load();
  if (there != nullptr && address->sa_family == AF_INET6) {
    auto changed = *reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_UNSPECIFIED(&changed.sin6_addr)) {
      changed.sin6_addr = *there;
      return bind(socket, reinterpret_cast<sockaddr*>(&changed), sizeof changed);
    }
  } else if (there != nullptr && address->sa_family == AF_INET) {
    auto changed = *reinterpret_cast<const sockaddr_in*>(address);
    if (changed.sin_addr.s_addr == INADDR_ANY) {
      // The last four bytes of an IPv4 address in IPv6; of another, a bind that fails.
      std::memcpy(&changed.sin_addr, &there->s6_addr[12], sizeof changed.sin_addr);
      return bind(socket, reinterpret_cast<sockaddr*>(&changed), sizeof changed);
    }
  }
  return bind(socket, address, length);
}

// Leads a library's calls of bind() through here; false where its linker has put no address of it that could be changed.
bool LeadBind(const char* library) {
  void* handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
  link_map* map = nullptr;
  if (handle == nullptr || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return false;
  dlclose(handle);
  const ElfW(Rela)* slots = nullptr;
  const ElfW(Sym)* symbols = nullptr;
  const char* names = nullptr;
  size_t bytes = 0;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
    const auto pointer = entry->d_un.d_ptr;
    if (entry->d_tag == DT_JMPREL) slots = reinterpret_cast<const ElfW(Rela)*>(pointer);
    if (entry->d_tag == DT_PLTRELSZ) bytes = entry->d_un.d_val;
    if (entry->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(pointer);
    if (entry->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(pointer);
  }
  for (size_t i = 0; i < bytes / sizeof *slots; i++) {
    if (std::strcmp(names + symbols[ELF64_R_SYM(slots[i].r_info)].st_name, "bind") != 0) continue;
    const auto slot = map->l_addr + slots[i].r_offset;
    const auto page = slot & -static_cast<ElfW(Addr)>(getpagesize());
    // Some builds of a library let nobody write there once it is loaded.
    if (mprotect(reinterpret_cast<void*>(page), sizeof(void*) + slot - page, PROT_READ | PROT_WRITE) != 0) return false;
    *reinterpret_cast<void**>(slot) = reinterpret_cast<void*>(&BindThere);
    return true;
  }
  return false;
}

napi_value ListenOn(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  std::string text = ReadString(env, args[0]);
  if (text.find(':') == std::string::npos) text = "::ffff:" + text;
  auto* address = new in6_addr;
  if (inet_pton(AF_INET6, text.c_str(), address) != 1) {
    delete address;
    return ThrowError(env, "an IP address is wanted");
  }
  wanted = address;
  LeadBind("libtensorflow_framework.so.2");
  if (!LeadBind("libtensorflow_cc.so.2")) {
    return ThrowError(env, "TensorFlow's library doesn't call bind() as it did, and its server would listen everywhere");
  }
  return nullptr;
}

}  // namespace

void RegisterListen(napi_env env, napi_value exports) { AddFunction(env, exports, "listenOn", ListenOn); }
