//! How nodes talk: the bus that carries events between them.
