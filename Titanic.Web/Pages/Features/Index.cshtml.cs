using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pages.Features;

/// <summary>The feature store: what is in the feature group, how it came there, and what models see of it.</summary>
public sealed class FeaturesIndexModel(TitanicDb db) : PageModel
{
    private const int CommitsPerPage = 25;
    private const int LatestDatasets = 5;

    /// <summary>Only commits below this one: where the page before ended.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<SourceCounts> Sources { get; private set; } = [];
    public IReadOnlyList<FeatureStore.Commit> Commits { get; private set; } = [];
    public long? NextBefore { get; private set; }
    public IReadOnlyList<FeatureView> Views { get; private set; } = [];
    public IReadOnlyList<TrainingDataset> Datasets { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Sources = await SourceCounts.Read(db, cancellationToken);
        var commits = await db.Commits.AsNoTracking()
            .Where(commit => Before == null || commit.CommitId < Before)
            .OrderByDescending(commit => commit.CommitId)
            .Take(CommitsPerPage + 1)
            .ToListAsync(cancellationToken);
        Commits = [.. commits.Take(CommitsPerPage)];
        NextBefore = commits.Count > CommitsPerPage ? Commits[^1].CommitId : null;
        Views = await db.FeatureViews.AsNoTracking().OrderBy(view => view.Name).ThenBy(view => view.Version).ToListAsync(cancellationToken);
        Datasets = await db.TrainingDatasets.AsNoTracking()
            .OrderByDescending(dataset => dataset.TrainingDatasetId).Take(LatestDatasets).ToListAsync(cancellationToken);
    }
}
