using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Serving;

namespace Titanic.Web.Pages.Predictions;

/// <summary>The newest answers, whoever asked. Paged by id, so that page 1,000 costs what page 1 costs.</summary>
public sealed class IndexModel(TitanicDb db) : PageModel
{
    public const int RowsPerPage = 50;

    /// <summary>One of <see cref="PredictionSources"/>; anything else shows all.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Source { get; set; }

    /// <summary>Only answers with a smaller id.</summary>
    [BindProperty(SupportsGet = true)]
    public long? Before { get; set; }

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>Where the next page starts; null on the last.</summary>
    public long? Older { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (Source is not (PredictionSources.Page or PredictionSources.Api or PredictionSources.Batch))
            Source = null;
        var rows = await db.Predictions.AsNoTracking()
            .Where(p => (Source == null || p.Source == Source) && (Before == null || p.PredictionId < Before))
            .OrderByDescending(p => p.PredictionId)
            .Take(RowsPerPage + 1)
            .Select(p => new Row(p, db.Outcomes
                .Where(o => o.PassengerId == p.PassengerId && o.SupersededBy == null).Select(o => (bool?)o.Survived).FirstOrDefault()))
            .ToListAsync(cancellationToken);
        Rows = [.. rows.Take(RowsPerPage)];
        Older = rows.Count > RowsPerPage ? Rows[^1].Prediction.PredictionId : null;
    }

    /// <param name="Survived">What happened; null while it is not known, and for questions about nobody in particular.</param>
    public sealed record Row(Prediction Prediction, bool? Survived);
}
