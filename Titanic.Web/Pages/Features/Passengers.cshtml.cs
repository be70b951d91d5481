using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>The passengers of the feature group, now or as of a point in time. All state is in the URL.</summary>
public sealed class PassengersModel(TitanicDb db, PassengerHistory history) : PageModel
{
    private const int RowsPerPage = 50;

    [BindProperty(SupportsGet = true)]
    public string? AsOf { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Source { get; set; }

    /// <summary>
    /// A passenger's key, with or without its source: "titanic3/892" or "892". Without a source it can match a passenger of each source.
    /// </summary>
    [BindProperty(SupportsGet = true)]
    public string? Key { get; set; }

    /// <summary>Page cursor: "source/key" of the last passenger on the previous page.</summary>
    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    public AsOf? ResolvedAsOf { get; private set; }
    public IReadOnlyList<PassengerAsOf> Rows { get; private set; } = [];
    public bool HasMore { get; private set; }

    /// <summary>The validation message of a field; null if it is valid.</summary>
    public string? Problem(string field) => ModelState[field]?.Errors.FirstOrDefault()?.ErrorMessage;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(Source) && !PassengerSources.All.Contains(Source))
            AddError("source", PassengerSources.NotFoundMessage(Source));
        if (After is not null && PassengerKey.Parse(After) is null)
            AddError("after", PassengerKey.InvalidMessage(After));
        try
        {
            ResolvedAsOf = await FeatureStore.AsOf.Resolve(db, AsOf, cancellationToken);
        }
        catch (UnknownAsOfException unknown)
        {
            if (!string.IsNullOrWhiteSpace(AsOf)) // an empty store is not an input error
                AddError("asOf", unknown.Message);
            return;
        }
        if (!ModelState.IsValid)
            return;
        if (!string.IsNullOrWhiteSpace(Key))
        {
            Rows = await FindByKey(ResolvedAsOf, Key.Trim(), cancellationToken);
            return;
        }
        var rows = await history.Read(ResolvedAsOf, string.IsNullOrEmpty(Source) ? null : Source, PassengerKey.Parse(After), RowsPerPage + 1, cancellationToken);
        Rows = [.. rows.Take(RowsPerPage)];
        HasMore = rows.Count > RowsPerPage;
    }

    private async Task<IReadOnlyList<PassengerAsOf>> FindByKey(AsOf point, string key, CancellationToken cancellation)
    {
        var parsed = PassengerKey.Parse(key);
        var found = new List<PassengerAsOf>();
        foreach (var source in PassengerSources.All.Where(source => string.IsNullOrEmpty(Source) || source == Source))
        {
            var candidate = parsed?.Source == source ? parsed : PassengerKey.Parse($"{source}/{key}");
            if (candidate is not null && await history.Find(point, candidate, cancellation) is { } passenger)
                found.Add(passenger);
        }
        return found;
    }

    private void AddError(string field, string message)
    {
        ModelState.AddModelError(field, message);
        Response.StatusCode = StatusCodes.Status400BadRequest;
    }
}
