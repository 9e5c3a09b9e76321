// Drags files over other windows the way a file manager does: takes the pointer, follows real mouse
// events, and speaks the XDND protocol (version 5) with the window under it. A test moves the
// mouse.
//
//   xdnd_drag WINDOW FILE...    prints "ready" once it holds the pointer; press, move and release
//                               button 1 (xdotool); prints "accepted" and "finished" or "refused".
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <poll.h>

namespace {

struct Drag {
  Display* display = nullptr;
  Window source = 0, target = 0;
  std::string uris;
  bool entered = false, accepted = false;

  Atom atom(const char* name) const { return XInternAtom(display, name, False); }

  void send(const char* type, long a, long b, long c, long d) const {
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.display = display;
    event.xclient.window = target;
    event.xclient.message_type = atom(type);
    event.xclient.format = 32;
    event.xclient.data.l[0] = static_cast<long>(source);
    event.xclient.data.l[1] = a;
    event.xclient.data.l[2] = b;
    event.xclient.data.l[3] = c;
    event.xclient.data.l[4] = d;
    XSendEvent(display, target, False, NoEventMask, &event);
    XFlush(display);
  }

  void position(int x, int y, Time time) {
    if (!entered) send("XdndEnter", 5L << 24, static_cast<long>(atom("text/uri-list")), 0, 0);
    entered = true;
    send("XdndPosition", 0, (static_cast<long>(x) << 16) | y, static_cast<long>(time),
         static_cast<long>(atom("XdndActionCopy")));
  }

  void answer(const XSelectionRequestEvent& request) const {
    XChangeProperty(display, request.requestor, request.property, request.target, 8,
                    PropModeReplace, reinterpret_cast<const unsigned char*>(uris.data()),
                    static_cast<int>(uris.size()));
    XEvent reply{};
    reply.xselection.type = SelectionNotify;
    reply.xselection.requestor = request.requestor;
    reply.xselection.selection = request.selection;
    reply.xselection.target = request.target;
    reply.xselection.property = request.property;
    reply.xselection.time = request.time;
    XSendEvent(display, request.requestor, False, NoEventMask, &reply);
    XFlush(display);
  }
};

std::string file_uri(const char* path) {
  std::string uri = "file://";
  for (const char* c = path; *c; ++c) {
    const auto byte = static_cast<unsigned char>(*c);
    if (std::isalnum(byte) || std::strchr("/._-~", *c)) {
      uri += *c;
    } else {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02X", byte);
      uri += escaped;
    }
  }
  return uri + "\r\n";
}

void say(const char* text) {
  std::puts(text);
  std::fflush(stdout);
}

// Returns the exit status once the drag is over, -1 while it goes on.
int handle(Drag& drag, XEvent& event) {
  switch (event.type) {
    case ButtonPress:
      drag.position(event.xbutton.x_root, event.xbutton.y_root, event.xbutton.time);
      break;
    case MotionNotify:
      if (event.xmotion.state & Button1Mask)
        drag.position(event.xmotion.x_root, event.xmotion.y_root, event.xmotion.time);
      break;
    case ButtonRelease:
      XUngrabPointer(drag.display, CurrentTime);
      if (!drag.accepted) {
        drag.send("XdndLeave", 0, 0, 0, 0);
        say("refused");
        return 1;
      }
      drag.send("XdndDrop", 0, static_cast<long>(event.xbutton.time), 0, 0);
      break;
    case SelectionRequest:
      drag.answer(event.xselectionrequest);
      break;
    case ClientMessage:
      if (event.xclient.message_type == drag.atom("XdndStatus") && !drag.accepted &&
          (event.xclient.data.l[1] & 1)) {
        drag.accepted = true;
        say("accepted");
      }
      if (event.xclient.message_type == drag.atom("XdndFinished")) {
        say("finished");
        return 0;
      }
      break;
    default:
      break;
  }
  return -1;
}

}  // namespace

int main(int count, char** values) {
  if (count < 3) {
    std::fputs("xdnd_drag WINDOW FILE...\n", stderr);
    return 2;
  }
  Drag drag;
  drag.display = XOpenDisplay(nullptr);
  if (!drag.display) {
    std::fputs("xdnd_drag: no display\n", stderr);
    return 2;
  }
  drag.target = std::strtoul(values[1], nullptr, 0);
  for (int i = 2; i < count; ++i) drag.uris += file_uri(values[i]);
  const Window root = DefaultRootWindow(drag.display);
  drag.source = XCreateSimpleWindow(drag.display, root, -10, -10, 1, 1, 0, 0, 0);
  XMapWindow(drag.display, drag.source);
  XSync(drag.display, False);
  XSetSelectionOwner(drag.display, drag.atom("XdndSelection"), drag.source, CurrentTime);
  const unsigned events = ButtonPressMask | ButtonReleaseMask | PointerMotionMask;
  if (XGrabPointer(drag.display, root, False, events, GrabModeAsync, GrabModeAsync, 0, 0,
                   CurrentTime) != GrabSuccess) {
    std::fputs("xdnd_drag: somebody else holds the pointer\n", stderr);
    return 2;
  }
  XSync(drag.display, False);
  say("ready");
  pollfd connection{ConnectionNumber(drag.display), POLLIN, 0};
  while (XPending(drag.display) > 0 || poll(&connection, 1, 20000) > 0) {
    XEvent event;
    XNextEvent(drag.display, &event);
    const int status = handle(drag, event);
    if (status >= 0) return status;
  }
  std::fputs("xdnd_drag: nothing happened for 20 seconds\n", stderr);
  return 1;
}
