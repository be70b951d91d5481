using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>The feature store now or as of a point of its history: what is in the feature group, how it came there, and what models see of it.</summary>
public sealed class FeaturesIndexModel(TitanicDb db, StatisticsReader statistics) : PageModel
{
    private const int CommitsPerPage = 25;
    private const int LatestDatasets = 5;

    private readonly Dictionary<string, string> _problems = [];

    /// <summary>A commit, a day or an instant as typed; now when it is left out.</summary>
    [BindProperty(SupportsGet = true)]
    public string? AsOf { get; set; }

    /// <summary>The scope that the other is held against; the historical list when it is left out, and the stream for <see cref="Current"/>.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Reference { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Current { get; set; }

    /// <summary>Only commits below this one: where the page before ended.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    /// <summary>What the page tells of; null while the store is empty, and where <see cref="AsOf"/> cannot be understood.</summary>
    public AsOf? At { get; private set; }

    public bool LooksBack => !string.IsNullOrWhiteSpace(AsOf);
    public IReadOnlyList<FeatureCard> Cards { get; private set; } = [];

    /// <summary>Those of <see cref="Reference"/> and <see cref="Current"/> that have no statistics yet.</summary>
    public IReadOnlyList<string> ScopesWithoutRows { get; private set; } = [];
    public IReadOnlyList<SourceCounts> Sources { get; private set; } = [];
    public IReadOnlyList<FeatureStore.Commit> Commits { get; private set; } = [];
    public long? NextBefore { get; private set; }
    public IReadOnlyList<FeatureView> Views { get; private set; } = [];
    public IReadOnlyList<TrainingDataset> Datasets { get; private set; } = [];

    /// <summary>What is wrong with a field, or null.</summary>
    public string? Problem(string field) => _problems.GetValueOrDefault(field);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Views = await db.FeatureViews.AsNoTracking().OrderBy(view => view.Name).ThenBy(view => view.Version).ToListAsync(cancellationToken);
        Datasets = await db.TrainingDatasets.AsNoTracking()
            .OrderByDescending(dataset => dataset.TrainingDatasetId).Take(LatestDatasets).ToListAsync(cancellationToken);
        At = await Resolve(cancellationToken);
        Reference = CheckScope("reference", Reference, PassengerSources.Titanic3);
        Current = CheckScope("current", Current, PassengerSources.Synthetic);
        if (_problems.Count > 0)
            Response.StatusCode = StatusCodes.Status400BadRequest;
        if (At is null)
            return;
        await ReadRows(At.CommitId, cancellationToken);
        if (_problems.Count == 0)
            await Compare(Reference, Current, At.CommitId, cancellationToken);
    }

    /// <summary>This page as it is looked at, with another page of commits.</summary>
    public string Address(long? before) => QueryHelpers.AddQueryString("/features", Request.Query
        .Where(part => part.Key.ToLowerInvariant() is "asof" or "reference" or "current")
        .Select(part => KeyValuePair.Create(part.Key, (string?)part.Value))
        .Concat(before is null ? [] : [KeyValuePair.Create("before", before?.ToString(CultureInfo.InvariantCulture))])) + "#commits";

    /// <summary>Where a source's passengers are seen at the same point of history.</summary>
    /// <param name="source">Null for those of all sources, which is also a scope of its own.</param>
    public string PassengersOf(string? source) => QueryHelpers.AddQueryString(
        "/features/passengers", [.. source is null or FeatureStatistics.All ? (KeyValuePair<string, string?>[])[] : [KeyValuePair.Create("source", (string?)source)], .. LooksBack ? [KeyValuePair.Create("asOf", AsOf)] : (KeyValuePair<string, string?>[])[]]);

    private async Task<AsOf?> Resolve(CancellationToken cancellation)
    {
        try
        {
            return await FeatureStore.AsOf.Resolve(db, AsOf, cancellation);
        }
        catch (UnknownAsOfException unknown)
        {
            if (LooksBack)
                _problems["asOf"] = unknown.Message;
            return null;
        }
    }

    private string CheckScope(string field, string? asked, string otherwise)
    {
        var scope = string.IsNullOrWhiteSpace(asked) ? otherwise : asked;
        if (StatisticsReader.ProblemOf(scope) is { } problem)
            _problems[field] = problem;
        return scope;
    }

    private async Task ReadRows(long asOf, CancellationToken cancellation)
    {
        Sources = await SourceCounts.Read(db, asOf, cancellation);
        var commits = await db.Commits.AsNoTracking()
            .Where(commit => commit.CommitId <= asOf && (Before == null || commit.CommitId < Before))
            .OrderByDescending(commit => commit.CommitId)
            .Take(CommitsPerPage + 1)
            .ToListAsync(cancellation);
        Commits = [.. commits.Take(CommitsPerPage)];
        NextBefore = commits.Count > CommitsPerPage ? Commits[^1].CommitId : null;
    }

    private async Task Compare(string reference, string current, long asOf, CancellationToken cancellation)
    {
        var ofReference = (await statistics.Read(reference, asOf, cancellation)).ToDictionary(s => s.Feature);
        var ofCurrent = (await statistics.Read(current, asOf, cancellation)).ToDictionary(s => s.Feature);
        ScopesWithoutRows = [.. ofReference.Count == 0 ? (string[])[reference] : [], .. ofCurrent.Count == 0 && current != reference ? (string[])[current] : []];
        if (ofReference.Count + ofCurrent.Count > 0)
            Cards = [.. FeatureGroup.Features.Select(feature => new FeatureCard(feature, ofReference.GetValueOrDefault(feature.Name), ofCurrent.GetValueOrDefault(feature.Name)))];
    }
}
