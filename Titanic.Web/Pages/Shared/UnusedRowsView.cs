using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages.Shared;

/// <summary>The model of the partial <c>_UnusedRows</c>.</summary>
/// <param name="MayOperate">Whether the page shows the button; the handler authorizes the request itself.</param>
/// <param name="ShowsText">Whether the page does not show the sentence elsewhere.</param>
public sealed record UnusedRowsView(UnusedRows Rows, bool MayOperate, bool ShowsText = true);
