// A virtual call on the hot path.
struct mailbox {
  virtual int send(int message) = 0;
};
extern "C" int probe_send(mailbox& box) { return box.send(1) + 1; }
