"""The faces of a report, a module each kind: what tests/property/check_faces.py looks at."""
