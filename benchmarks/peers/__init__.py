"""One file a candidate: the same work by this library and by others, written from their documentation."""
