using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>The query behind a number, for everybody who may read the database; closed until somebody opens it.</summary>
[HtmlTargetElement("show-sql", TagStructure = TagStructure.WithoutEndTag)]
public sealed class ShowSqlTagHelper : TagHelper
{
    /// <summary>Which number: "the confusion matrix"; stands behind "Show SQL of".</summary>
    public string Of { get; set; } = "";

    /// <summary>One statement that reads, with all values filled in.</summary>
    public string Sql { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "details";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "shown-sql");
        output.Content.AppendFormat("""<summary>Show SQL of {0}</summary><pre tabindex="0" role="group" aria-label="SQL of {0}"><code>{1}</code></pre>""", Of, Sql);
    }
}
