"""Bases of operators that choose what follows."""

from tradewind.authoring.branching import BaseBranchOperator, BranchMixIn

__all__ = ["BaseBranchOperator", "BranchMixIn"]
