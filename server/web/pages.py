"""The pages of clerks and admins: thin shells, the rest is ES modules."""

from flask import Blueprint


def make_blueprint() -> Blueprint:
    return Blueprint("pages", __name__)
