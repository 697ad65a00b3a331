// The threads of the kernels of our own: as many as processors, with the one that asks. They stay as long as the
// process, since starting one takes longer than many a kernel, and look for work a moment longer before they sleep:
// the next kernel of a network comes a few microseconds after the last.

#pragma once

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

class Threads {
 public:
  static Threads& All() {
    static auto* threads = new Threads;  // never deleted: its threads don't end
    return *threads;
  }

  // Calls work(part) for each part, in no order; whoever asks while another does works alone. Parts are fewer than 2³².
  template <typename Work>
  void Run(int64_t parts, const Work& work) {
    const std::unique_lock<std::mutex> turn(in_use_, std::try_to_lock);
    if (!turn.owns_lock() || parts < 2 || others_ == 0) {
      for (int64_t i = 0; i < parts; i++) work(i);
      return;
    }
    call_ = [](const void* work, int64_t part) { (*static_cast<const Work*>(work))(part); };
    work_ = &work;
    done_.store(0, std::memory_order_relaxed);
    left_.store(static_cast<uint64_t>(parts));
    if (asleep_.load() > 0) {
      { const std::lock_guard<std::mutex> lock(sleep_); }  // whoever is about to sleep has seen the work or waits by now
      wake_.notify_all();
    }
    while (Take()) {
    }
    for (int i = 0; done_.load(std::memory_order_acquire) < parts; i++) Wait(i);
  }

 private:
  Threads() : others_(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())) - 1) {
    for (int i = 0; i < others_; i++) std::thread([this] { Work(); }).detach();
  }

  // Takes one part and does it; false where none is left.
  bool Take() {
    uint64_t left = left_.load(std::memory_order_acquire);
    do {
      if (left == 0) return false;
    } while (!left_.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel));
    // Nothing new begins before this part is done, so both are of the work that it was taken from.
    call_(work_, static_cast<int64_t>(left) - 1);
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }

  void Work() {
    for (;;) {
      for (int i = 0; i < kLooks; i++) {
        if (Take()) i = 0;
        _mm_pause();
      }
      std::unique_lock<std::mutex> lock(sleep_);
      asleep_++;
      wake_.wait(lock, [this] { return left_.load() > 0; });
      asleep_--;
    }
  }

  // For a part that another thread is at; the processor may be needed for just that.
  static void Wait(int i) {
    if (i < kLooks) _mm_pause();
    else std::this_thread::yield();
  }

  static constexpr int kLooks = 2000;  // some 50 microseconds

  std::mutex in_use_, sleep_;
  std::condition_variable wake_;
  std::atomic<int> asleep_{0};
  std::atomic<uint64_t> left_{0};
  std::atomic<int64_t> done_{0};
  void (*call_)(const void*, int64_t) = nullptr;
  const void* work_ = nullptr;
  const int others_;
};
