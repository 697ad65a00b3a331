// What must happen before TensorFlow's library loads; this file links to nothing of it, so it can be first.
//
//   mute() / unmute()   in pairs: stderr shut, as TensorFlow 2.21 writes two lines from a static initialiser
//   open(path)          a library, where those that need one of its name find it, wherever it lies
//   limitArenas(n)      how many arenas the C library's allocator may have from now on

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>

#include "node_api.h"

namespace {

// Worker threads may load the library at the same time.
std::mutex mutex;
int muted = 0;
int saved_stderr = -1;

napi_value Mute(napi_env, napi_callback_info) {
  std::lock_guard<std::mutex> lock(mutex);
  if (muted++ > 0) return nullptr;
  const int null_device = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null_device >= 0) {
    saved_stderr = dup(STDERR_FILENO);
    dup2(null_device, STDERR_FILENO);
  }
  if (null_device >= 0) close(null_device);
  return nullptr;
}

napi_value Unmute(napi_env, napi_callback_info) {
  std::lock_guard<std::mutex> lock(mutex);
  if (muted == 0 || --muted > 0) return nullptr;
  if (saved_stderr >= 0) {
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    saved_stderr = -1;
  }
  return nullptr;
}

napi_value Open(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value arg;
  char path[PATH_MAX];
  napi_get_cb_info(env, info, &count, &arg, nullptr, nullptr);
  if (napi_get_value_string_utf8(env, arg, path, sizeof path, nullptr) != napi_ok) {
    napi_throw_type_error(env, nullptr, "a path is wanted");
  } else if (dlopen(path, RTLD_LAZY | RTLD_LOCAL) == nullptr) {
    napi_throw_error(env, nullptr, dlerror());
  }
  return nullptr;
}

napi_value LimitArenas(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value arg;
  int32_t arenas = 0;
  napi_get_cb_info(env, info, &count, &arg, nullptr, nullptr);
  if (napi_get_value_int32(env, arg, &arenas) == napi_ok && arenas > 0) mallopt(M_ARENA_MAX, arenas);
  return nullptr;
}

void Add(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

napi_value Init(napi_env env, napi_value exports) {
  Add(env, exports, "mute", Mute);
  Add(env, exports, "unmute", Unmute);
  Add(env, exports, "open", Open);
  Add(env, exports, "limitArenas", LimitArenas);
  return exports;
}

}  // namespace

NAPI_MODULE(convnets_quiet, Init)
