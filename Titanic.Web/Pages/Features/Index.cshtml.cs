using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>The feature store, now or as of a point in time: rows, statistics, commits, feature views and training datasets.</summary>
public sealed class FeaturesIndexModel(TitanicDb db, StatisticsReader statistics) : PageModel
{
    private const int CommitsPerPage = 25;
    private const int DatasetsShown = 5;

    private readonly Dictionary<string, string> _problems = [];

    /// <summary>A commit, a day or an instant, as entered. Empty: now.</summary>
    [BindProperty(SupportsGet = true)]
    public string? AsOf { get; set; }

    /// <summary>The scope that <see cref="Current"/> is compared with. Default: the historical list.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Reference { get; set; }

    /// <summary>The scope that is compared with <see cref="Reference"/>. Default: the stream.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Current { get; set; }

    /// <summary>Page cursor: only commits with a smaller id. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    /// <summary>The commit that <see cref="AsOf"/> resolves to; null if the store is empty or <see cref="AsOf"/> is invalid.</summary>
    public AsOf? ResolvedAsOf { get; private set; }

    public bool IsPointInTime => !string.IsNullOrWhiteSpace(AsOf);
    public IReadOnlyList<FeatureCard> Cards { get; private set; } = [];

    /// <summary>The compared scopes without statistics as of <see cref="ResolvedAsOf"/>.</summary>
    public IReadOnlyList<string> ScopesWithoutRows { get; private set; } = [];
    public IReadOnlyList<SourceCounts> Sources { get; private set; } = [];
    public IReadOnlyList<FeatureStore.Commit> Commits { get; private set; } = [];
    public long? NextBefore { get; private set; }
    public IReadOnlyList<FeatureView> Views { get; private set; } = [];
    public IReadOnlyList<TrainingDataset> Datasets { get; private set; } = [];

    /// <summary>The validation message of a field; null if it is valid.</summary>
    public string? Problem(string field) => _problems.GetValueOrDefault(field);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Views = await db.FeatureViews.AsNoTracking().OrderBy(view => view.Name).ThenBy(view => view.Version).ToListAsync(cancellationToken);
        Datasets = await db.TrainingDatasets.AsNoTracking()
            .OrderByDescending(dataset => dataset.TrainingDatasetId).Take(DatasetsShown).ToListAsync(cancellationToken);
        ResolvedAsOf = await Resolve(cancellationToken);
        Reference = CheckScope("reference", Reference, PassengerSources.Titanic3);
        Current = CheckScope("current", Current, PassengerSources.Synthetic);
        if (_problems.Count > 0)
            Response.StatusCode = StatusCodes.Status400BadRequest;
        if (ResolvedAsOf is null)
            return;
        await ReadSourcesAndCommits(ResolvedAsOf.CommitId, cancellationToken);
        if (_problems.Count == 0)
            await CompareScopes(Reference, Current, ResolvedAsOf.CommitId, cancellationToken);
    }

    /// <summary>The URL of this page with the same query and another page of commits.</summary>
    public string? PageUrl(long? before) => Url.Page(
        "/Features/Index", null, new { asOf = QueryValue("asOf"), reference = QueryValue("reference"), current = QueryValue("current"), before }, null, null, "commits");

    /// <summary>The URL of the passenger list of a source as of the same commit.</summary>
    /// <param name="source">A source, or null or <see cref="FeatureStatistics.All"/> for all sources.</param>
    public string? PassengersUrl(string? source) =>
        Url.Page("/Features/Passengers", new { source = source == FeatureStatistics.All ? null : source, asOf = IsPointInTime ? AsOf : null });

    /// <summary>A query parameter as received; null if it is missing.</summary>
    private string? QueryValue(string name) => Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    private async Task<AsOf?> Resolve(CancellationToken cancellation)
    {
        try
        {
            return await FeatureStore.AsOf.Resolve(db, AsOf, cancellation);
        }
        catch (UnknownAsOfException unknown)
        {
            if (IsPointInTime)
                _problems["asOf"] = unknown.Message;
            return null;
        }
    }

    private string CheckScope(string field, string? requested, string defaultScope)
    {
        var scope = string.IsNullOrWhiteSpace(requested) ? defaultScope : requested;
        if (StatisticsReader.ScopeError(scope) is { } problem)
            _problems[field] = problem;
        return scope;
    }

    private async Task ReadSourcesAndCommits(long asOf, CancellationToken cancellation)
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

    private async Task CompareScopes(string reference, string current, long asOf, CancellationToken cancellation)
    {
        var referenceStatistics = (await statistics.Read(reference, asOf, cancellation)).ToDictionary(s => s.Feature);
        var currentStatistics = (await statistics.Read(current, asOf, cancellation)).ToDictionary(s => s.Feature);
        ScopesWithoutRows =
        [
            .. referenceStatistics.Count == 0 ? (string[])[reference] : [],
            .. currentStatistics.Count == 0 && current != reference ? (string[])[current] : [],
        ];
        if (referenceStatistics.Count + currentStatistics.Count > 0)
        {
            Cards =
            [
                .. FeatureGroup.Features.Select(feature => new FeatureCard(
                    feature, referenceStatistics.GetValueOrDefault(feature.Name), currentStatistics.GetValueOrDefault(feature.Name))),
            ];
        }
    }
}

/// <summary>Row counts of the feature group by source, as of a commit.</summary>
/// <param name="Current">Passengers in their current version; deleted passengers are not counted.</param>
/// <param name="Superseded">Earlier versions of corrected or deleted rows.</param>
/// <param name="Labeled">Current passengers with a known outcome.</param>
public sealed record SourceCounts(string Source, long Current, long Superseded, long Labeled)
{
    /// <summary>An SQL query that computes the same counts from the rows.</summary>
    public static string Sql(long asOf) => FormattableString.Invariant(
        $"""
        select p.source,
               count(*) filter (where p.superseded_by is null or p.superseded_by > {asOf}) as current_rows,
               count(*) filter (where p.superseded_by <= {asOf}) as superseded_versions,
               count(o.survived) filter (where p.superseded_by is null or p.superseded_by > {asOf}) as labeled
        from passengers p
        left join outcomes o on o.passenger_id = p.passenger_id
          and o.commit_id <= {asOf} and (o.superseded_by is null or o.superseded_by > {asOf})
        where p.commit_id <= {asOf}
        group by p.source
        order by p.source
        """);

    /// <summary>
    /// Reads current and labeled counts from the stored statistics and counts only superseded rows, so the cost grows with the number of
    /// corrections, not with the number of rows. An outcome is counted under the source of its passenger, whichever source sent it.
    /// </summary>
    public static async Task<IReadOnlyList<SourceCounts>> Read(TitanicDb db, long asOf, CancellationToken cancellation)
    {
        var superseded = await db.Passengers.Where(row => row.SupersededBy <= asOf)
            .GroupBy(row => row.Source).Select(group => new { Source = group.Key, Rows = group.LongCount() })
            .ToDictionaryAsync(count => count.Source, count => count.Rows, cancellation);
        var sources = new List<SourceCounts>();
        foreach (var source in PassengerSources.All.Order(StringComparer.Ordinal))
        {
            var outcomes = await db.FeatureStatistics.AsNoTracking()
                .Where(s => s.Scope == source && s.Feature == FeatureViewSchema.Label && s.CommitId <= asOf)
                .OrderByDescending(s => s.CommitId).FirstOrDefaultAsync(cancellation);
            if (outcomes is not null)
                sources.Add(new SourceCounts(source, outcomes.Count, superseded.GetValueOrDefault(source), outcomes.NumNonNullValues));
        }
        return sources;
    }
}
