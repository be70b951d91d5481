namespace Titanic.Web.Pages.Shared;

/// <summary>The question behind a number, to be run by anybody who may read the database.</summary>
/// <param name="Of">Which number: "the confusion matrix"; stands behind "Show SQL of".</param>
/// <param name="Sql">One statement that reads, with all values filled in.</param>
public sealed record ShownSql(string Of, string Sql);
