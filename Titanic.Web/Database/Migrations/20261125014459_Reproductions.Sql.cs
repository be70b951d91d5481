namespace Titanic.Web.Database.Migrations;

public partial class Reproductions
{
    /// <summary>What an audit found stays found; <c>refuse_change</c> keeps it.</summary>
    private const string Guard =
        "create trigger reproductions_stay before update or delete on reproductions for each statement execute function refuse_change();";

    private const string DropGuard = "drop trigger reproductions_stay on reproductions;";
}
