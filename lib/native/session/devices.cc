// The devices on which sessions of this process can compute.
//
//   listDevices() -> string[]    TensorFlow's whole names, such as "/job:localhost/replica:0/task:0/device:CPU:0"

#include <string>
#include <vector>

#include "napi_values.h"
#include "node_api.h"
#include "tensorflow/c/c_api.h"

namespace {

napi_value ListDevices(napi_env env, napi_callback_info) {
  TF_Status* status = TF_NewStatus();
  TF_Graph* graph = TF_NewGraph();
  TF_SessionOptions* options = TF_NewSessionOptions();
  std::vector<std::string> names;
  TF_Session* session = TF_NewSession(graph, options, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_DeviceList* devices = TF_SessionListDevices(session, status);
    for (int i = 0; TF_GetCode(status) == TF_OK && i < TF_DeviceListCount(devices); i++) {
      const char* name = TF_DeviceListName(devices, i, status);
      if (TF_GetCode(status) == TF_OK) names.emplace_back(name);
    }
    if (devices != nullptr) TF_DeleteDeviceList(devices);
  }
  const std::string problem = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  if (session != nullptr) TF_DeleteSession(session, status);
  TF_DeleteSessionOptions(options);
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  if (!problem.empty()) return ThrowError(env, problem);
  napi_value list;
  napi_create_array_with_length(env, names.size(), &list);
  for (size_t i = 0; i < names.size(); i++) {
    napi_value name;
    napi_create_string_utf8(env, names[i].c_str(), names[i].size(), &name);
    napi_set_element(env, list, static_cast<uint32_t>(i), name);
  }
  return list;
}

}  // namespace

void RegisterDevices(napi_env env, napi_value exports) { AddFunction(env, exports, "listDevices", ListDevices); }
