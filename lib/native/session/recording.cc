#include "recording.h"

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "napi_values.h"

namespace {

// RunOptions { trace_level: FULL_TRACE }: on a GPU its own times, too.
constexpr char kFullTrace[] = {0x08, 0x03};

std::atomic<bool> is_on{false};
std::mutex mutex;
std::vector<std::string> kept;

napi_value RecordRuns(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  bool on = false;
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  if (napi_get_value_bool(env, args[0], &on) != napi_ok) return ThrowError(env, "recordRuns needs true or false");
  std::vector<std::string> taken;
  {
    std::lock_guard<std::mutex> lock(mutex);
    is_on = on;
    taken.swap(kept);
  }
  napi_value notes;
  napi_create_array_with_length(env, on ? 0 : taken.size(), &notes);
  for (size_t i = 0; !on && i < taken.size(); i++) {
    napi_set_element(env, notes, i, BytesOf(env, taken[i].data(), taken[i].size()));
  }
  return notes;
}

}  // namespace

Recording::Recording(const TF_Buffer* options) : options_(options) {
  if (!is_on) return;
  // Messages that follow each other are one message with the fields of both.
  std::string merged(kFullTrace, sizeof(kFullTrace));
  if (options != nullptr) merged.append(static_cast<const char*>(options->data), options->length);
  with_notes_ = TF_NewBufferFromString(merged.data(), merged.size());
  metadata_ = TF_NewBuffer();
}

Recording::~Recording() {
  if (metadata_ == nullptr) return;
  if (metadata_->length > 0) {
    std::lock_guard<std::mutex> lock(mutex);
    if (is_on) kept.emplace_back(static_cast<const char*>(metadata_->data), metadata_->length);
  }
  TF_DeleteBuffer(metadata_);
  TF_DeleteBuffer(with_notes_);
}

void RegisterRecording(napi_env env, napi_value exports) { AddFunction(env, exports, "recordRuns", RecordRuns); }
