using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;

namespace Titanic.Web.Pages.Access;

/// <summary>The audit log, newest first. Paged by id, so that every page costs the same.</summary>
[Authorize(AccessPolicies.Admin)]
public sealed class AuditLogModel(AuditLog audit) : PageModel
{
    private const int RowsPerPage = 50;

    [BindProperty(SupportsGet = true)]
    public string? Who { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? What { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? From { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? To { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Text { get; set; }

    /// <summary>Only entries with a smaller id: the last id of the previous page.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<AuditEntry> Entries { get; private set; } = [];

    /// <summary>The different actions, for the filter.</summary>
    public IReadOnlyList<string> Actions { get; private set; } = [];

    /// <summary><see cref="Before"/> of the next page; null on the last page.</summary>
    public long? NextBefore { get; private set; }

    /// <summary>The validation error of the query string; null if it is valid.</summary>
    public string? Problem { get; private set; }

    public bool IsFiltered => Who is not null || What is not null || From is not null || To is not null || Text is not null;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Actions = await audit.ListActions(cancellationToken);
        if (!ModelState.IsValid)
        {
            var (name, _) = ModelState.First(value => value.Value!.Errors.Count > 0);
            name = name.ToLowerInvariant();
            Problem = ErrorText.Invalid($"The parameter {name}", Request.Query[name].ToString(), name == "before" ? "the id of an entry" : "a date such as 2026-11-23");
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var found = await audit.List(new AuditFilter(Who, What, From, To, Text) { Before = Before }, RowsPerPage + 1, cancellationToken);
        Entries = [.. found.Take(RowsPerPage)];
        NextBefore = found.Count > RowsPerPage ? Entries[^1].Id : null;
    }

    /// <summary>The URL of a page of the list with the current filter.</summary>
    public string? PageAddress(long? before) =>
        Url.Page("/Access/Audit", new { who = Who, what = What, from = DayParameter(From), to = DayParameter(To), text = Text, before });

    private static string? DayParameter(DateOnly? day) => day is null ? null : Format.Date(day);
}
