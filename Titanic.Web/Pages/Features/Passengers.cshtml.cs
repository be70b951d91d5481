using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>The passengers of the feature group, now or at any point of its history; the address is the state.</summary>
public sealed class PassengersModel(TitanicDb db, PassengerHistory history) : PageModel
{
    private const int RowsPerPage = 50;

    [BindProperty(SupportsGet = true)]
    public string? AsOf { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Source { get; set; }

    /// <summary>"source/key" of the passenger that the page before ended with.</summary>
    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    public AsOf? Point { get; private set; }
    public IReadOnlyList<PassengerAsOf> Rows { get; private set; } = [];
    public bool HasMore { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(Source) && !PassengerSources.All.Contains(Source))
            Refuse("source", $"There is no source \"{Source}\"; there are {string.Join(", ", PassengerSources.All)}.");
        if (After is not null && PassengerKey.Parse(After) is null)
            Refuse("after", $"The place \"{After}\" cannot be read; it must be source/key.");
        if (!ModelState.IsValid)
            return;
        try
        {
            Point = await FeatureStore.AsOf.Resolve(db, AsOf, cancellationToken);
        }
        catch (UnknownAsOfException unknown)
        {
            if (!string.IsNullOrWhiteSpace(AsOf)) // an empty store is no mistake of the visitor's
                Refuse("asOf", unknown.Message);
            return;
        }
        var rows = await history.Read(Point, string.IsNullOrEmpty(Source) ? null : Source, PassengerKey.Parse(After), RowsPerPage + 1, cancellationToken);
        Rows = [.. rows.Take(RowsPerPage)];
        HasMore = rows.Count > RowsPerPage;
    }

    private void Refuse(string field, string problem)
    {
        ModelState.AddModelError(field, problem);
        Response.StatusCode = StatusCodes.Status400BadRequest;
    }
}
