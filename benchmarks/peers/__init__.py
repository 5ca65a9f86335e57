"""The same work in other libraries, written from their documentation."""
