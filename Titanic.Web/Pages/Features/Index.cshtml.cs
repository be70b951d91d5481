using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
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

    public bool IsPointInTime => !string.IsNullOrWhiteSpace(AsOf);
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

    /// <summary>This page with the same choices and another page of commits.</summary>
    public string? Address(long? before) => Url.Page("/Features/Index", null, new { asOf = Given("asOf"), reference = Given("reference"), current = Given("current"), before }, null, null, "commits");

    /// <summary>Where a source's passengers are seen at the same point of history.</summary>
    /// <param name="source">Null for those of all sources, which is also a scope of its own.</param>
    public string? PassengersOf(string? source) =>
        Url.Page("/Features/Passengers", new { source = source == FeatureStatistics.All ? null : source, asOf = IsPointInTime ? AsOf : null });

    /// <summary>A part of the address as it was given; null for one that was left out.</summary>
    private string? Given(string part) => Request.Query.TryGetValue(part, out var value) ? value.ToString() : null;

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

/// <summary>The feature group's size by source, as of a commit.</summary>
/// <param name="Current">Passengers as they were known then.</param>
/// <param name="Superseded">Earlier versions of rows that were corrected.</param>
/// <param name="Labelled">Current passengers whose outcome is known.</param>
public sealed record SourceCounts(string Source, long Current, long Superseded, long Labelled)
{
    /// <summary>The same counts, row by row, as SQL that anybody can run.</summary>
    public static string Sql(long asOf) => FormattableString.Invariant(
        $"""
        select p.source,
               count(*) filter (where p.superseded_by is null or p.superseded_by > {asOf}) as current_rows,
               count(*) filter (where p.superseded_by <= {asOf}) as superseded_versions,
               count(o.survived) filter (where p.superseded_by is null or p.superseded_by > {asOf}) as labelled
        from passengers p
        left join outcomes o on o.passenger_id = p.passenger_id
          and o.commit_id <= {asOf} and (o.superseded_by is null or o.superseded_by > {asOf})
        where p.commit_id <= {asOf}
        group by p.source
        order by p.source
        """);

    /// <summary>
    /// Reads the statistics of the commit, and counts only what was corrected since: rows that nobody touched again are not read, so the
    /// page stays as quick when the group has grown to millions. An outcome counts with its passenger, whoever told it.
    /// </summary>
    public static async Task<IReadOnlyList<SourceCounts>> Read(TitanicDb db, long asOf, CancellationToken cancellation)
    {
        var superseded = await db.Passengers.Where(row => row.SupersededBy <= asOf)
            .GroupBy(row => row.Source).Select(rows => new { Source = rows.Key, Rows = rows.LongCount() })
            .ToDictionaryAsync(rows => rows.Source, rows => rows.Rows, cancellation);
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
