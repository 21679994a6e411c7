// A chat room: everybody hears everything, in one order, and nobody copies the text.
//
// The room is an actor, and so is each member. A line is written once, into a pooled buffer, and frozen; the room
// sends each member another owner of the same bytes. The last member to drop it gives the memory back. Who leaves is no
// longer sent anything; who vanishes without a word is noticed at the next line.
#include <algorithm>
#include <cstdio>
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/memory/buffer.hpp>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

struct line {
  jacquard::shared_buffer text;
};
struct transcript {
  using reply = std::string;
};

struct member {
  using messages = jacquard::messages<line, transcript>;

  void on(jacquard::context<member>&, const line& m) {
    const auto bytes = m.text.bytes();
    heard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    heard += '\n';
  }
  std::string on(jacquard::context<member>&, const transcript&) { return heard; }

  std::string heard;
};

struct join {
  jacquard::actor_ref<member> who;
};
struct leave {
  jacquard::actor_ref<member> who;
};
struct say {
  jacquard::shared_buffer text;
};
struct members {
  using reply = std::size_t;
};

struct room {
  using messages = jacquard::messages<join, leave, say, members>;

  void on(jacquard::context<room>&, const join& m) { present.push_back(m.who); }
  void on(jacquard::context<room>&, const leave& m) { std::erase(present, m.who); }
  void on(jacquard::context<room>&, const say& m) {
    std::erase_if(present, [&](const jacquard::actor_ref<member>& who) {
      return who.tell(line{m.text.share()}) == jacquard::send_result::closed;
    });
  }
  std::size_t on(jacquard::context<room>&, const members&) { return present.size(); }

  std::vector<jacquard::actor_ref<member>> present;
};

template <class A, class Question>
typename Question::reply ask(const jacquard::actor_ref<A>& whom, Question question) {
  auto answer = whom.ask(question);
  if (answer.wait() != jacquard::reply_status::ready) return {};
  return answer.take();
}

}  // namespace

int main() {
  jacquard::buffer_pool pool;  // outlives the system: buffers are in letters and in members
  jacquard::native_environment world;
  jacquard::actor_system system(world, {.scheduling = {.workers = 2}});
  const auto lobby = system.spawn<room>({.name = "lobby"});
  const auto ada = system.spawn<member>({.name = "ada"});
  const auto grace = system.spawn<member>({.name = "grace"});
  const auto joseph = system.spawn<member>({.name = "joseph"});

  bool heard = true;
  const auto tell = [&](auto message) {
    heard &= lobby.tell(std::move(message)) == jacquard::send_result::accepted;
  };
  const auto says = [&](std::string_view text) {
    tell(say{pool.copy(std::as_bytes(std::span(text))).freeze()});
  };
  tell(join{ada});
  tell(join{grace});
  says("ada: the loom weaves algebraic patterns");
  tell(join{joseph});
  says("joseph: just as mine weaves flowers and leaves");
  tell(leave{grace});
  says("ada: grace has missed this");

  // The room has passed everything on when it answers, and a member has heard it when it answers.
  const std::size_t before = ask(lobby, members{});
  const std::string of_ada = ask(ada, transcript{});
  const std::string of_grace = ask(grace, transcript{});
  const std::string of_joseph = ask(joseph, transcript{});

  // Joseph's actor ends without a word to the room, which finds out when it speaks to him.
  joseph.stop();
  while (joseph.is_alive()) std::this_thread::yield();
  says("ada: joseph?");
  const std::size_t after = ask(lobby, members{});

  std::printf("ada heard\n%sgrace heard\n%sjoseph heard\n%s", of_ada.c_str(), of_grace.c_str(),
              of_joseph.c_str());
  std::printf("%zu members, then %zu\n", before, after);
  const auto report = system.shutdown(std::chrono::seconds{5});
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  return heard && report.complete && before == 2 && after == 1 && lines(of_ada) == 3 &&
                 lines(of_grace) == 2 && lines(of_joseph) == 2 &&
                 of_ada.ends_with(of_joseph)  // the same lines in the same order
             ? 0
             : 1;
}
