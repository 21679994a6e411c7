#include <jacquard/bench/environment.hpp>

#include <fmt/core.h>
#include <gnu/libc-version.h>
#include <sys/types.h>
// sha2.h uses the fixed-width names that sys/types.h declares.
#include <sha2.h>
#include <sys/utsname.h>

#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <thread>

#include <jacquard/bench/placement.hpp>
#include <jacquard/bench/source_digest.hpp>  // written by the build

namespace jacquard::bench {

namespace {

// The first "key : value" of /proc/cpuinfo.
std::string processor_field(std::string_view key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && colon + 2 <= line.size()) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string hypervisor() {
  if (processor_field("flags").find(" hypervisor") == std::string::npos) return "none";
  const std::string vendor = first_line("/sys/class/dmi/id/sys_vendor");
  return vendor.empty() ? "present" : vendor;
}

// The commit of the tree that was compiled, asked of git when the program runs; "unknown" outside
// one.
std::string commit() {
  const std::string command = fmt::format("git -C '{}' rev-parse HEAD 2>/dev/null", source_tree);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::array<char, 64> text{};
  if (pipe == nullptr || std::fgets(text.data(), text.size(), pipe.get()) == nullptr)
    return "unknown";
  std::string hash(text.data());
  while (!hash.empty() && (hash.back() == '\n' || hash.back() == '\r')) hash.pop_back();
  return hash;
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  (void)std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace

std::string sha256(std::string_view bytes) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256Final(digest.data(), &context);
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string config_hash(const nlohmann::json& record) {
  std::string text;
  for (const auto& [key, value] :
       record.items()) {  // a JSON object iterates in the order of its keys
    if (key == "config_hash" || key == "generated_at" || key == "generated_at_unix" ||
        key == "load_1min" || key == "core_ghz" || key == "commit" || key == "timer_read_ns" ||
        key == "timer_quantum_ns" || key == "tsc_hz") {
      continue;
    }
    text +=
        fmt::format("{}={}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return sha256(text);
}

nlohmann::json environment_record(const clock_facts& clock) {
  utsname kernel{};
  (void)uname(&kernel);
  const std::string load = first_line("/proc/loadavg");
  nlohmann::json record = {
      {"kind", "env"},
      {"schema", 1},
      {"tool", "jacquard bench"},
      {"generated_at", utc_now()},
      {"generated_at_unix", static_cast<std::int64_t>(std::time(nullptr))},
      {"cpu", processor_field("model name")},
      {"cpu_family_model", processor_field("cpu family") + "/" + processor_field("model\t")},
      {"cores", std::thread::hardware_concurrency()},
      {"cores_allowed", allowed_processors().size()},
      {"kernel", fmt::format("{} {}", kernel.sysname, kernel.release)},
      {"hypervisor", hypervisor()},
      {"tsc_hz", clock.tsc_hz},
      {"timer_quantum_ns", clock.quantum_ns},
      {"timer_read_ns", clock.read_cost_ns},
      {"core_ghz", clock.core_ghz},
      {"load_1min", load.substr(0, load.find(' '))},
      {"compiler", compiler_name},
      {"flags", compiler_flags},
      {"libc", fmt::format("glibc {}", gnu_get_libc_version())},
      {"glibc_tunables",
       std::getenv("GLIBC_TUNABLES") != nullptr ? std::getenv("GLIBC_TUNABLES") : ""},
      {"commit", commit()},
      {"source_digest", src_digest},
      {"harness_digest", harness_digest},
  };
  record["config_hash"] = config_hash(record);
  return record;
}

std::string banner(const nlohmann::json& record) {
  return fmt::format(
      "[bench-env] cpu=\"{}\" cores={} kernel=\"{}\" hypervisor=\"{}\" tsc_hz={:.0f} "
      "timer_quantum_ns={:.2f} core_ghz={:.2f} load_1min={} compiler=\"{}\" commit={} "
      "source_digest={} "
      "config_hash={}",
      record.value("cpu", ""), record.value("cores_allowed", 0), record.value("kernel", ""),
      record.value("hypervisor", ""), record.value("tsc_hz", 0.0),
      record.value("timer_quantum_ns", 0.0), record.value("core_ghz", 0.0),
      record.value("load_1min", ""), record.value("compiler", ""),
      record.value("commit", "").substr(0, 12), record.value("source_digest", "").substr(0, 12),
      record.value("config_hash", ""));
}

}  // namespace jacquard::bench
