// Keeps stderr shut while TensorFlow's library loads.
//
// TensorFlow 2.21 writes two lines from a static initialiser, before any code or environment variable of ours can
// stop it. This file links to nothing, so it can shut stderr first.
//
//   mute() / unmute()   in pairs

#include <fcntl.h>
#include <unistd.h>

#include "node_api.h"

namespace {

int saved_stderr = -1;

napi_value Mute(napi_env, napi_callback_info) {
  const int null_device = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (saved_stderr < 0 && null_device >= 0) {
    saved_stderr = dup(STDERR_FILENO);
    dup2(null_device, STDERR_FILENO);
  }
  if (null_device >= 0) close(null_device);
  return nullptr;
}

napi_value Unmute(napi_env, napi_callback_info) {
  if (saved_stderr >= 0) {
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    saved_stderr = -1;
  }
  return nullptr;
}

napi_value Init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "mute", NAPI_AUTO_LENGTH, Mute, nullptr, &function);
  napi_set_named_property(env, exports, "mute", function);
  napi_create_function(env, "unmute", NAPI_AUTO_LENGTH, Unmute, nullptr, &function);
  napi_set_named_property(env, exports, "unmute", function);
  return exports;
}

}  // namespace

NAPI_MODULE(convnets_quiet, Init)
