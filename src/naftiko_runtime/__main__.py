"""`python -m naftiko_runtime` is the `naftiko` command."""

from naftiko_runtime.cli.main import main

if __name__ == "__main__":
    main()
