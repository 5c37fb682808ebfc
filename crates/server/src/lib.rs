//! The binary connect: HTTP, the socket, calls, media.
