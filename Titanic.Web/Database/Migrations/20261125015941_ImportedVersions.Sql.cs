namespace Titanic.Web.Database.Migrations;

public partial class ImportedVersions
{
    /// <summary>What a model learned is a promise, wherever it was learned.</summary>
    private const string Guard =
        "create trigger imported_datasets_stay before update or delete on imported_datasets for each statement execute function refuse_change();";
}
