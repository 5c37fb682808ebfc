//! What travels on a wire: ids, messages, error codes and limits.
