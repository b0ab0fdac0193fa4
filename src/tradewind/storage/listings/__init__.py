"""Lists for people: filtered, ordered, paged reads, used by REST and CLI. Nothing here writes."""
