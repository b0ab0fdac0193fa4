"""Where DAG files come from."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseDagBundle": "tradewind.authoring.server_kit.bundles:BaseDagBundle",
        "BundleUsageTrackingManager": "tradewind.authoring.server_kit.bundles:BundleUsageTrackingManager",
        "BundleVersion": "tradewind.authoring.server_kit.bundles:BundleVersion",
        "get_bundle_base_folder": "tradewind.authoring.server_kit.bundles:get_bundle_base_folder",
        "get_bundle_storage_root_path": "tradewind.authoring.server_kit.bundles:get_bundle_storage_root_path",
        "get_bundle_version_path": "tradewind.authoring.server_kit.bundles:get_bundle_version_path",
        "get_bundle_versions_base_folder": "tradewind.authoring.server_kit.bundles:get_bundle_versions_base_folder",
    },
)
