"""`invoke doctor`: checks of a deployment from outside."""

from tools.doctor.doctor import doctor

__all__ = ["doctor"]
