// What TensorFlow notes of each run while runs are recorded: which node ran when, for how long.
//
//   recordRuns(true)             forgets what was kept, and keeps the notes of the runs from now on
//   recordRuns(false) -> notes   a RunMetadata message for each run since

#pragma once

#include "node_api.h"
#include "tensorflow/c/c_api.h"

// The notes of one run; kept when it goes out of scope.
class Recording {
 public:
  // `options` as the run would have them, or null.
  explicit Recording(const TF_Buffer* options);
  Recording(const Recording&) = delete;
  ~Recording();

  const TF_Buffer* Options() const { return with_notes_ != nullptr ? with_notes_ : options_; }
  TF_Buffer* Metadata() { return metadata_; }

 private:
  const TF_Buffer* options_;
  TF_Buffer* with_notes_ = nullptr;
  TF_Buffer* metadata_ = nullptr;
};

void RegisterRecording(napi_env env, napi_value exports);
