using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages.Predictions;

/// <summary>One answer with all that led to it.</summary>
public sealed class ReceiptModel(TitanicDb db, PredictionReader predictions, ModelRegistry registry, Explainer explainer) : PageModel
{
    public Prediction Prediction { get; private set; } = null!;

    /// <summary>The passenger as known now; null for a question about nobody in particular.</summary>
    public PassengerVersion? Passenger { get; private set; }

    /// <summary>What happened; null while it is not known.</summary>
    public Outcome? Outcome { get; private set; }

    /// <summary>What the version that answered sees of a question.</summary>
    public ITrainingView View { get; private set; } = null!;

    /// <summary>Why; null when the version's bytes cannot be read any more, which <see cref="WhyNotExplained"/> tells.</summary>
    public ExplainedAnswer? Explanation { get; private set; }

    public string? WhyNotExplained { get; private set; }

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await predictions.Find(id, cancellationToken) is not var (prediction, view))
            return NotFound();
        (Prediction, View) = (prediction, view);
        await Explain(cancellationToken);
        if (prediction.PassengerId is { } passenger)
        {
            Passenger = await db.Passengers.AsNoTracking().SingleOrDefaultAsync(p => p.PassengerId == passenger && p.SupersededBy == null, cancellationToken);
            Outcome = await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(o => o.PassengerId == passenger && o.SupersededBy == null, cancellationToken);
        }
        return Page();
    }

    private async Task Explain(CancellationToken cancellation)
    {
        var version = await registry.Find(Prediction.ModelVersion, cancellation);
        try
        {
            Explanation = await explainer.Explain(ServedModel.Of(version!), Prediction, cancellation);
        }
        catch (InvalidDataException damaged)
        {
            WhyNotExplained = damaged.Message;
        }
    }
}
