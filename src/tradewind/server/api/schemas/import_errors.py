"""Import errors."""

from datetime import datetime
from typing import Self

from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import PageQuery
from tradewind.server.api.schemas.ranges import search_of
from tradewind.storage.listings.import_errors import ImportErrorFilters, ImportErrorRow


class ImportErrorResponse(Answer):
    import_error_id: int
    timestamp: datetime
    filename: str
    bundle_name: str | None
    stack_trace: str

    @classmethod
    def of(cls, row: ImportErrorRow) -> Self:
        return cls(
            import_error_id=row.id,
            timestamp=row.timestamp,
            filename=row.filename,
            bundle_name=row.bundle_name,
            stack_trace=row.stack_trace,
        )


class ImportErrorCollectionResponse(Answer):
    import_errors: list[ImportErrorResponse]
    total_entries: int


class ImportErrorsQuery(PageQuery):
    filename_pattern: str | None = None
    filename_prefix_pattern: str | None = None
    filename: str | None = None
    bundle_name: str | None = None

    def filters(self) -> ImportErrorFilters:
        return ImportErrorFilters(
            filename=self.filename,
            bundle_name=self.bundle_name,
            search=search_of(self, texts=("filename",)),
        )
