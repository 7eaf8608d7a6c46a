"""The one exception for input that cannot be used, whoever gave it."""


class InputError(ValueError):
    """Something from outside (a file, an image, a setting) is not usable.

    The message is one sentence for a person: it names the thing, what was expected and what was found.
    Pages show it as it is; the command line prints it and exits with code 2.
    """
