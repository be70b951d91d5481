using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>The passengers of the feature group, now or at any point of its history; the address is the state.</summary>
public sealed class PassengersModel(TitanicDb db, PassengerHistory history) : PageModel
{
    private const int RowsPerPage = 50;

    [BindProperty(SupportsGet = true)]
    public string? AsOf { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Source { get; set; }

    /// <summary>One passenger's key, alone or behind its source as the list shows it; alone it may be several sources'.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Key { get; set; }

    /// <summary>"source/key" of the passenger that the page before ended with.</summary>
    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    public AsOf? Point { get; private set; }
    public IReadOnlyList<PassengerAsOf> Rows { get; private set; } = [];
    public bool HasMore { get; private set; }

    /// <summary>What is wrong with a field, or null.</summary>
    public string? Problem(string field) => ModelState[field]?.Errors.FirstOrDefault()?.ErrorMessage;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(Source) && !PassengerSources.All.Contains(Source))
            Refuse("source", $"There is no source \"{Excerpt.Truncate(Source)}\"; there are {string.Join(", ", PassengerSources.All)}.");
        if (After is not null && PassengerKey.Parse(After) is null)
            Refuse("after", $"The place \"{Excerpt.Truncate(After)}\" cannot be read; it must be source/key.");
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
        if (!ModelState.IsValid)
            return;
        if (!string.IsNullOrWhiteSpace(Key))
        {
            Rows = await OfKey(Point, Key.Trim(), cancellationToken);
            return;
        }
        var rows = await history.Read(Point, string.IsNullOrEmpty(Source) ? null : Source, PassengerKey.Parse(After), RowsPerPage + 1, cancellationToken);
        Rows = [.. rows.Take(RowsPerPage)];
        HasMore = rows.Count > RowsPerPage;
    }

    private async Task<IReadOnlyList<PassengerAsOf>> OfKey(AsOf point, string key, CancellationToken cancellation)
    {
        var whole = PassengerKey.Parse(key);
        var found = new List<PassengerAsOf>();
        foreach (var source in PassengerSources.All.Where(source => string.IsNullOrEmpty(Source) || source == Source))
        {
            var asked = whole?.Source == source ? whole : PassengerKey.Parse($"{source}/{key}");
            if (asked is not null && await history.Find(point, asked, cancellation) is { } passenger)
                found.Add(passenger);
        }
        return found;
    }

    private void Refuse(string field, string problem)
    {
        ModelState.AddModelError(field, problem);
        Response.StatusCode = StatusCodes.Status400BadRequest;
    }
}
