#include "work/shelf/job_shelf.h"

namespace veredus::work::shelf {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::kRunning:
      return "running";
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
  }
  return "unknown";
}

}  // namespace veredus::work::shelf
