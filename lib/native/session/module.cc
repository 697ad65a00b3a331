// The native module: what JavaScript finds in it.
//
//   session.cc     runs graphs off the main thread
//   server.cc      sessions of several processes
//   devices.cc     says what there is to compute on
//   recording.cc   keeps what TensorFlow notes of runs
//   inference.cc   infers types and shapes without running anything
//   resize.cc      a kernel for images
//   rmsprop.cc     a kernel for an optimizer
//   conv_pool.cc   kernels for a first layer
//   convolve.cc    kernels for convolutions by fixed filters
//   gather.cc      puts kept images together
//   listen.cc      gives TensorFlow's server one address
//   opList() -> Uint8Array     every op of TensorFlow, as a serialised OpList
//   usesOneDnn() -> boolean    whether TensorFlow computes and allocates through oneDNN
//   setLogLevel(level)         TensorFlow's messages below this severity stay silent

#include <dlfcn.h>

#include <mutex>

#include "absl/log/globals.h"
#include "napi_values.h"
#include "recording.h"
#include "tensorflow/c/c_api.h"

void RegisterSession(napi_env env, napi_value exports);
void RegisterServer(napi_env env, napi_value exports);
void RegisterDevices(napi_env env, napi_value exports);
void RegisterInference(napi_env env, napi_value exports);
void RegisterGather(napi_env env, napi_value exports);
void RegisterListen(napi_env env, napi_value exports);
void RegisterRMSprop();
void RegisterConvPool();
void RegisterConvolve();
void RegisterResize();

// tensorflow/core/util/util.h, which needs headers that the package doesn't have.
namespace tensorflow {
bool IsMKLEnabled();
}

namespace {

napi_value OpList(napi_env env, napi_callback_info) {
  TF_Buffer* list = TF_GetAllOpList();
  const napi_value bytes = BytesOf(env, list->data, list->length);
  TF_DeleteBuffer(list);
  return bytes;
}

napi_value UsesOneDnn(napi_env env, napi_callback_info) {
  napi_value result;
  napi_get_boolean(env, tensorflow::IsMKLEnabled(), &result);
  return result;
}

napi_value SetLogLevel(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  int32_t level = 0;
  napi_get_value_int32(env, args[0], &level);
  absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(level));
  return nullptr;
}

// TensorFlow keeps what is registered as long as the process lives, and takes no name twice. Each thread that loads this file
// comes here, and Node closes the file with a thread that ends: so it is kept open, and registers once.
void RegisterKernels() {
  static std::once_flag once;
  std::call_once(once, [] {
    Dl_info here;
    if (dladdr(reinterpret_cast<void*>(&RegisterKernels), &here) != 0) {
      dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    }
    RegisterRMSprop();
    RegisterConvPool();
    RegisterConvolve();
    RegisterResize();
  });
}

napi_value Init(napi_env env, napi_value exports) {
  RegisterSession(env, exports);
  RegisterServer(env, exports);
  RegisterDevices(env, exports);
  RegisterRecording(env, exports);
  RegisterInference(env, exports);
  RegisterGather(env, exports);
  RegisterListen(env, exports);
  RegisterKernels();
  AddFunction(env, exports, "opList", OpList);
  AddFunction(env, exports, "usesOneDnn", UsesOneDnn);
  AddFunction(env, exports, "setLogLevel", SetLogLevel);
  return exports;
}

}  // namespace

NAPI_MODULE(convnets, Init)
