"""Files that the operator writes by hand, changed in place: comments, order and layout stay as they are."""
