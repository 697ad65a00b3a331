// TensorFlow's own server in this process: sessions opened at its target compute with those of other processes.
//
//   createServer(serverDef) -> target    serverDef: a serialised ServerDef
//
// A server is there until the process ends: TensorFlow's has no clean end, and deleting one ends the process.

#include <string>

#include "napi_values.h"
#include "node_api.h"
#include "tensorflow/c/c_api.h"

namespace {

napi_value CreateServer(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  const std::string definition = ReadBytes(env, args[0]);
  TF_Status* status = TF_NewStatus();
  TF_Server* server = TF_NewServer(definition.data(), definition.size(), status);
  if (TF_GetCode(status) == TF_OK) TF_ServerStart(server, status);
  const std::string problem = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  if (!problem.empty()) return ThrowError(env, problem);
  napi_value target;
  napi_create_string_utf8(env, TF_ServerTarget(server), NAPI_AUTO_LENGTH, &target);
  return target;
}

}  // namespace

void RegisterServer(napi_env env, napi_value exports) { AddFunction(env, exports, "createServer", CreateServer); }
