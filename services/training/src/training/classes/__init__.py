"""Classes (班级): planned, opened, completed or cancelled."""
