using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages.Runs;

/// <summary>One run: what was asked, what happened, what it wrote.</summary>
public sealed class RunModel(TitanicDb db) : PageModel
{
    private const int LogLinesShown = 500;
    private const int PredictionsShown = 20;

    /// <summary>How often a run that is under way is looked at again.</summary>
    private const string SecondsToLookAgain = "2";

    public Run Run { get; private set; } = null!;
    public IReadOnlyList<RunLogLine> Log { get; private set; } = [];
    public IReadOnlyList<long> Commits { get; private set; } = [];
    public IReadOnlyList<int> ModelVersions { get; private set; } = [];

    /// <summary>The first predictions that the run wrote.</summary>
    public IReadOnlyList<Prediction> Predictions { get; private set; } = [];
    public bool HasMorePredictions { get; private set; }

    /// <summary>Stack traces tell about the inside of the machine; everybody else sees the first line of an error.</summary>
    public bool MaySeeDetails => User.IsInRole(AccessPolicies.AdminRole);

    public bool IsUnderWay => Run.Status is RunStatus.Queued or RunStatus.Running;

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == id, cancellationToken) is not { } found)
            return NotFound();
        Run = found;
        Log = await db.RunLog.AsNoTracking().Where(line => line.RunId == id)
            .OrderBy(line => line.RunLogLineId).Take(LogLinesShown).ToListAsync(cancellationToken);
        await ReadWhatItWrote(id, cancellationToken);
        if (IsUnderWay)
            Response.Headers["Refresh"] = SecondsToLookAgain; // works without scripts
        return Page();
    }

    private async Task ReadWhatItWrote(long id, CancellationToken cancellationToken)
    {
        Commits = await db.Commits.Where(commit => commit.RunId == id)
            .OrderBy(commit => commit.CommitId).Select(commit => commit.CommitId).ToListAsync(cancellationToken);
        ModelVersions = await db.ModelVersions.Where(version => version.RunId == id)
            .OrderBy(version => version.Version).Select(version => version.Version).ToListAsync(cancellationToken);
        var predictions = await db.Predictions.AsNoTracking().Where(prediction => prediction.RunId == id)
            .OrderBy(prediction => prediction.PredictionId).Take(PredictionsShown + 1).ToListAsync(cancellationToken);
        Predictions = [.. predictions.Take(PredictionsShown)];
        HasMorePredictions = predictions.Count > PredictionsShown;
    }
}
