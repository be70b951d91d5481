using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>One commit: its input, validation, changes by passenger, and statistics before and after.</summary>
public sealed class CommitModel(TitanicDb db, CommitChanges changes, PersonRows persons, StatisticsReader statistics) : PageModel
{
    private const int ChangesPerPage = 25, ConflictsShown = 25;

    /// <summary>Page cursor: only passengers with a larger id (<c>passenger_id</c>).</summary>
    [BindProperty(SupportsGet = true)]
    public long After { get; set; }

    public FeatureStore.Commit Commit { get; private set; } = null!;
    public ValidationReport? Report { get; private set; }
    public IReadOnlyList<CommitChange> Changes { get; private set; } = [];
    public long? NextAfter { get; private set; }

    /// <summary>The copies that the commit added.</summary>
    public CommitCopies Copies { get; private set; } = null!;

    /// <summary>The generator that made the passengers; null for another source. All passengers of a commit have the same one.</summary>
    public StreamGenerator? Generator => Changes.Select(change => PassengerText.GeneratorOf(change.Key)).FirstOrDefault();

    /// <summary>The features of the commit's source, before (reference) and after (current) the commit.</summary>
    public IReadOnlyList<FeatureCard> Statistics { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.Commits.AsNoTracking().SingleOrDefaultAsync(commit => commit.CommitId == id, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, NotFoundText.Commit(id));
        Commit = found;
        Report = await db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ValidationId == found.ValidationId, cancellationToken);
        var read = await changes.Read(id, After, ChangesPerPage + 1, cancellationToken);
        Changes = [.. read.Take(ChangesPerPage)];
        NextAfter = read.Count > ChangesPerPage ? Changes[^1].PassengerId : null;
        Copies = await persons.OfCommit(id, ConflictsShown, cancellationToken);
        var before = await statistics.Read(found.Source, id - 1, cancellationToken);
        var after = await statistics.Read(found.Source, id, cancellationToken);
        if (after.Count > 0)
            Statistics = [.. FeatureGroup.Features.Select(feature => new FeatureCard(feature, Of(before, feature), Of(after, feature)))];
        return Page();

        static FeatureStatistics? Of(IReadOnlyList<FeatureStatistics> all, Feature feature) => all.FirstOrDefault(one => one.Feature == feature.Name);
    }
}
