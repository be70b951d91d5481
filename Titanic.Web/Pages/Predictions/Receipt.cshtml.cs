using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages.Predictions;

/// <summary>One answer with all that led to it.</summary>
public sealed class ReceiptModel(TitanicDb db) : PageModel
{
    public Prediction Prediction { get; private set; } = null!;

    /// <summary>The passenger as known now; null for a question about nobody in particular.</summary>
    public PassengerVersion? Passenger { get; private set; }

    /// <summary>What happened; null while it is not known.</summary>
    public Outcome? Outcome { get; private set; }

    public BinnedPoint Point => BinnedPoint.FromCode(Prediction.PointCode);

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.Predictions.AsNoTracking().SingleOrDefaultAsync(p => p.PredictionId == id, cancellationToken) is not { } prediction)
            return NotFound();
        Prediction = prediction;
        if (prediction.PassengerId is { } passenger)
        {
            Passenger = await db.Passengers.AsNoTracking().SingleOrDefaultAsync(p => p.PassengerId == passenger && p.SupersededBy == null, cancellationToken);
            Outcome = await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(o => o.PassengerId == passenger && o.SupersededBy == null, cancellationToken);
        }
        return Page();
    }
}
