"""What tasks are expanded over."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DictOfListsExpandInput": "tradewind.authoring.expansion:DictOfListsExpandInput",
        "ListOfDictsExpandInput": "tradewind.authoring.expansion:ListOfDictsExpandInput",
        "MappedArgument": "tradewind.authoring.expansion:MappedArgument",
    },
)
