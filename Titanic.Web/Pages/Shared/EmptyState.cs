namespace Titanic.Web.Pages.Shared;

/// <summary>What stands where there is nothing to show yet: why, and what to do next. Shown by the partial <c>_EmptyState</c>.</summary>
/// <param name="Title">Such as "No predictions yet".</param>
/// <param name="Next">A sentence that says what to do, or what will happen by itself.</param>
/// <param name="Href">Where <paramref name="LinkText"/> leads; null for no link.</param>
public sealed record EmptyState(string Title, string Next, string? Href = null, string? LinkText = null);
