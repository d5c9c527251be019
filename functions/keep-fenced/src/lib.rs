//! A Region that is not the writer keeps its nodes stopped.
